//! The bucket that `--mirror s3://BUCKET/PREFIX` names.

use std::path::Path;

use anyhow::Result;
use service::Bucket;

use crate::outcome::wrong_use;

/// The bucket, if this names one and not a folder. Nothing is asked of it yet.
///
/// # Errors
/// Wrong use if the address cannot be read, or this program was built without buckets.
pub fn named(place: &Path) -> Result<Option<Bucket>> {
    let Some(address) = place.to_str().and_then(|place| place.strip_prefix("s3://")) else {
        return Ok(None);
    };
    let (bucket, prefix) = address.split_once('/').unwrap_or((address, ""));
    let prefix = prefix.trim_matches('/');
    if bucket.is_empty() || address.contains(['@', '?', '#']) || prefix.contains("//") {
        // It is not repeated: somebody may have put credentials into it.
        return Err(wrong_use(
            "--mirror s3://…: write s3://BUCKET/PREFIX; endpoint, region and credentials come from \
             the environment (AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)",
        ));
    }
    open(bucket, prefix).map(Some)
}

#[cfg(feature = "s3")]
fn open(bucket: &str, prefix: &str) -> Result<Bucket> {
    use std::sync::Arc;
    use std::time::Duration;

    use object_store::RetryConfig;
    use object_store::aws::AmazonS3Builder;

    // The database can be read instead: nobody has to wait long for a bucket that is not there.
    let retry = RetryConfig {
        max_retries: 3,
        retry_timeout: Duration::from_secs(30),
        ..RetryConfig::default()
    };
    let objects = AmazonS3Builder::from_env()
        .with_bucket_name(bucket)
        .with_retry(retry)
        .build()
        .map_err(|error| wrong_use(format!("--mirror s3://{bucket}: {error}")))?;
    let place = format!("s3://{bucket}/{prefix}");
    let place = place.trim_end_matches('/');
    Ok(Bucket::new(Arc::new(objects), prefix, place))
}

#[cfg(not(feature = "s3"))]
fn open(_bucket: &str, _prefix: &str) -> Result<Bucket> {
    Err(wrong_use(
        "--mirror s3://…: this program was built without buckets; build it with \
         `cargo build --release --package healthcode --features s3`, or name a folder",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_no_bucket() {
        for folder in ["/var/lib/mirror", "mirror", "s3:/x", "s3"] {
            assert!(named(Path::new(folder)).unwrap().is_none(), "{folder}");
        }
    }

    #[test]
    fn credentials_in_the_address_are_refused_and_not_repeated() {
        for address in [
            "s3://AKIA:secret@bucket/p",
            "s3://bucket/p?secret=1",
            "s3:///p",
        ] {
            let error = named(Path::new(address)).unwrap_err().to_string();
            assert!(error.contains("AWS_ACCESS_KEY_ID"), "{error}");
            assert!(!error.contains("secret="), "{error}");
            assert!(!error.contains("AKIA"), "{error}");
        }
    }

    #[cfg(not(feature = "s3"))]
    #[test]
    fn without_the_feature_a_bucket_is_refused_with_the_remedy() {
        let error = named(Path::new("s3://bucket/p")).unwrap_err().to_string();
        assert!(error.contains("--features s3"), "{error}");
    }
}
