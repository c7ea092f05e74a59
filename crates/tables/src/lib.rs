//! Files in and out: CSV, NDJSON and Parquet with their refused rows, folders of them as populations,
//! and the files of the mirror.

mod columnar;
pub mod contacts;
pub mod data_model;
pub mod files;
pub mod mirror;
pub mod population;
pub mod risk;
pub mod venues;
