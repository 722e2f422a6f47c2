use s3s::S3Result;
use s3s::host::{S3Host, VirtualHost};

/// Finds the bucket in `<bucket>.<domain>`; every other host is addressed by path.
#[derive(Clone)]
pub(super) struct DomainHost(String);

impl DomainHost {
    pub(super) fn parse(domain: &str) -> Option<Self> {
        let label = |label: &str| {
            let plain = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            plain && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
        };
        domain.split('.').all(label).then(|| Self(domain.to_ascii_lowercase()))
    }
}

impl S3Host for DomainHost {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
        let bucket = name.strip_suffix(&self.0).and_then(|bucket| bucket.strip_suffix('.'));
        Ok(match bucket {
            Some(bucket) => VirtualHost::new(self.0.as_str()).with_bucket(bucket.to_owned()),
            None => VirtualHost::new(host),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_found_before_the_domain_alone() {
        let host = DomainHost::parse("S3.Example.com").unwrap();
        let bucket = |name: &str| host.parse_host_header(name).unwrap().bucket().map(str::to_owned);
        assert_eq!(bucket("my.bucket.s3.example.com:9000"), Some("my.bucket".to_owned()));
        assert_eq!(bucket("BUCKET.s3.example.com"), Some("bucket".to_owned()));
        for other in ["s3.example.com", "s3.example.com:9000", "localhost:9000", "evils3.example.com", "127.0.0.1"] {
            assert_eq!(bucket(other), None, "{other}");
        }
        assert!(DomainHost::parse("s3.example.com:9000").is_none());
        assert!(DomainHost::parse("").is_none());
    }
}
