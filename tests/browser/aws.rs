//! The shell on AWS: files and an API behind one distribution, with the real
//! authorizer, and no gateway.

mod one_origin;
