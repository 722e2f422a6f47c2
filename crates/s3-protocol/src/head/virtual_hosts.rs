//! Buckets in host names: `<bucket>.<domain>`.

/// Domains below which the first labels of the host name are a bucket, in lower case and without a port.
///
/// ```
/// # use storage_hub_s3_protocol::head::VirtualHosts;
/// let hosts = VirtualHosts::new(["s3.example.com"]).ok_or("invalid domain")?;
/// assert_eq!(hosts.bucket("photos.s3.example.com:9000"), Some("photos".to_owned()));
/// assert_eq!(hosts.bucket("s3.example.com"), None);
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct VirtualHosts(Vec<String>);

impl VirtualHosts {
    /// Takes domains; `None` if one of them is not a host name without a port.
    pub fn new<D: AsRef<str>>(domains: impl IntoIterator<Item = D>) -> Option<Self> {
        let is_label = |label: &str| {
            let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            plain && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
        };
        let read = |domain: D| {
            let domain = domain.as_ref().to_ascii_lowercase();
            domain.split('.').all(is_label).then_some(domain)
        };
        domains.into_iter().map(read).collect::<Option<Vec<_>>>().map(Self)
    }

    /// The bucket that a host names; `None` where the path names it.
    #[must_use]
    pub fn bucket(&self, host: &str) -> Option<String> {
        let host = host.rsplit_once(':').map_or(host, |(name, _)| name).to_ascii_lowercase();
        if self.0.contains(&host) {
            return None;
        }
        let bucket = |domain: &String| host.strip_suffix(domain.as_str())?.strip_suffix('.');
        // The longest domain that matches is the one that was meant, if one of them lies below another.
        let bucket = self.0.iter().filter_map(bucket).min_by_key(|bucket| bucket.len())?;
        (!bucket.is_empty()).then(|| bucket.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_found_before_the_domain_alone() {
        let hosts = VirtualHosts::new(["S3.Example.com", "eu.s3.example.com"]).unwrap();
        let bucket = |host: &str| hosts.bucket(host);
        assert_eq!(bucket("my.bucket.s3.example.com:9000"), Some("my.bucket".to_owned()));
        assert_eq!(bucket("BUCKET.s3.example.com"), Some("bucket".to_owned()));
        assert_eq!(bucket("bucket.eu.s3.example.com"), Some("bucket".to_owned()));
        for other in [
            "s3.example.com",
            "s3.example.com:9000",
            "eu.s3.example.com",
            "localhost:9000",
            "evils3.example.com",
            "127.0.0.1",
            "[::1]:9000",
            ".s3.example.com",
            "",
        ] {
            assert_eq!(bucket(other), None, "{other}");
        }
        assert!(VirtualHosts::new(["s3.example.com:9000"]).is_none());
        assert!(VirtualHosts::new([""]).is_none());
        assert_eq!(VirtualHosts::default().bucket("a.b"), None);
    }
}
