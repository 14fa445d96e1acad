//! The bucket of artifacts, and who may read what presigned URLs open.

use serde_json::{Value, json};
use shell_core::{Config, Origin};

use crate::cloud::Cloud;

const BUCKET: &str = "mlflow-123456789012-us-east-1";

/// What the emulator says of the bucket's rules; null if it has none.
fn rules(cloud: &Cloud) -> Value {
    cloud.ask(&format!(
        "import sys, json, boto3\n\
         s3 = boto3.client('s3', endpoint_url=sys.argv[1], region_name='us-east-1', \
             aws_access_key_id='a', aws_secret_access_key='b')\n\
         try: rules = s3.get_bucket_cors(Bucket='{BUCKET}')['CORSRules']\n\
         except s3.exceptions.ClientError: rules = None\n\
         print(json.dumps(rules))"
    ))
}

pub(crate) fn pages_of_the_site_may_read_the_bucket_that_is_listed(cloud: &Cloud, config: &Config) {
    let listed = &config.artifacts.store_origins;
    let listed: Vec<_> = listed.iter().map(Origin::as_str).collect();
    assert_eq!(
        listed,
        [format!("https://{BUCKET}.s3.us-east-1.amazonaws.com")]
    );
    let rule = json!([{
        "ID": "site",
        "AllowedOrigins": [config.origin.as_str()],
        "AllowedMethods": ["GET", "HEAD"],
        "ExposeHeaders": ["ETag"],
        "MaxAgeSeconds": 3600,
    }]);
    assert_eq!(rules(cloud), rule);
}

pub(crate) fn nobodys_pages_may_read_it_otherwise(cloud: &Cloud) {
    assert_eq!(rules(cloud), Value::Null);
}
