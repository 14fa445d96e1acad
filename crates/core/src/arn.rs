//! Amazon Resource Names, taken apart:
//! `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
//!
//! *In scope*: the parts that every ARN has. *Out of scope*: what a resource
//! means to its service.

use std::fmt;

/// An ARN: six parts, of a partition of AWS. The other parts may be empty or
/// anything else; [`region`](Self::region) and [`account`](Self::account) check.
///
/// ```
/// use shell_core::arn::Arn;
///
/// let arn = Arn::parse("arn:aws:execute-api:eu-central-1:123456789012:a1b2c3d4e5/prod")?;
/// assert_eq!((arn.service, arn.region()?), ("execute-api", "eu-central-1"));
/// assert_eq!(arn.resource, "a1b2c3d4e5/prod");
/// # Ok::<_, shell_core::arn::ArnError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// The part of AWS, such as `aws` or `aws-cn`.
    pub partition: &'a str,
    /// The service, such as `execute-api`.
    pub service: &'a str,
    region: &'a str,
    account: &'a str,
    /// What is left, which may have colons of its own.
    pub resource: &'a str,
}

/// The part because of which a text is not the ARN that it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArnError {
    /// There are fewer than six parts, or the first is not `arn`.
    Shape,
    /// The partition is neither `aws` nor begins with `aws-`.
    Partition,
    /// The region is no name of a region.
    Region,
    /// The account does not have twelve digits.
    Account,
}

impl<'a> Arn<'a> {
    /// Takes an ARN apart.
    ///
    /// # Errors
    /// If it has other parts, or a partition that cannot be AWS's.
    pub fn parse(text: &'a str) -> Result<Self, ArnError> {
        let parts: Vec<_> = text.splitn(6, ':').collect();
        let ["arn", partition, service, region, account, resource] = parts[..] else {
            return Err(ArnError::Shape);
        };
        let is_partition = partition == "aws" || partition.starts_with("aws-");
        if !is_partition || !is_word(partition) {
            return Err(ArnError::Partition);
        }
        Ok(Self {
            partition,
            service,
            region,
            account,
            resource,
        })
    }

    /// The region, which is safe as a part of a host name.
    ///
    /// # Errors
    /// If it is empty, a pattern, or otherwise no region's name.
    pub fn region(self) -> Result<&'a str, ArnError> {
        let is_region = self.region.contains('-') && is_word(self.region);
        is_region.then_some(self.region).ok_or(ArnError::Region)
    }

    /// The account's twelve digits.
    ///
    /// # Errors
    /// If it is anything else.
    pub fn account(self) -> Result<&'a str, ArnError> {
        let is_account =
            self.account.len() == 12 && self.account.bytes().all(|byte| byte.is_ascii_digit());
        is_account.then_some(self.account).ok_or(ArnError::Account)
    }
}

fn is_word(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.bytes().all(is_part)
}

impl fmt::Display for ArnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shape => "an ARN has six parts: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`",
            Self::Partition => "the partition must be `aws` or begin with `aws-`",
            Self::Region => "the region must be written out, such as `eu-central-1`",
            Self::Account => "the account must have twelve digits",
        })
    }
}

impl std::error::Error for ArnError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_names_the_part() {
        let check = |text| Arn::parse(text).and_then(|arn| arn.region().and(arn.account()));
        let table = [
            (
                "arn:aws:s3:eu-west-1:123456789012:a:b/c",
                Ok("123456789012"),
            ),
            (
                "arn:aws-us-gov:x:us-gov-west-1:123456789012:",
                Ok("123456789012"),
            ),
            ("arn:aws:s3:eu-west-1:123456789012", Err(ArnError::Shape)),
            ("aws:arn:s3:eu-west-1:123456789012:a", Err(ArnError::Shape)),
            ("", Err(ArnError::Shape)),
            ("arn::s3:eu-west-1:123456789012:a", Err(ArnError::Partition)),
            (
                "arn:*:s3:eu-west-1:123456789012:a",
                Err(ArnError::Partition),
            ),
            (
                "arn:awsome:s3:eu-west-1:123456789012:a",
                Err(ArnError::Partition),
            ),
            (
                "arn:aws-*:s3:eu-west-1:123456789012:a",
                Err(ArnError::Partition),
            ),
            ("arn:aws:s3::123456789012:a", Err(ArnError::Region)),
            ("arn:aws:s3:eu-*:123456789012:a", Err(ArnError::Region)),
            (
                "arn:aws:s3:evil.test#-:123456789012:a",
                Err(ArnError::Region),
            ),
            ("arn:aws:s3:eu-west-1:12345:a", Err(ArnError::Account)),
            (
                "arn:aws:s3:eu-west-1:12345678901x:a",
                Err(ArnError::Account),
            ),
        ];
        for (text, expected) in table {
            assert_eq!(check(text), expected, "{text}");
        }
    }
}
