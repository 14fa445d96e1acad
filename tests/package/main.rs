//! The gateway as people get it: one static program with the site in it, where
//! there is nothing else, and in an image; and the Python package.

mod confined;
mod image;
mod outside;
mod tile;
mod wheel;
