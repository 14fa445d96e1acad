//! What stands for API Gateway behaves as AWS documents; where nothing is
//! documented, as people report. `AWS:` names the page of the developer guide.

mod answers;
mod authorizer;
mod bytes;
mod caching;
mod event;
mod fixture;
mod limits;
mod own_answers;
mod paths;
mod policies;
