//! What the suites are made with.

/// One test per behaviour: `suite`, the path of the harness, and the functions of the suite.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_tests {
    ($suite:ident, $harness:path: $($behaviour:ident),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                if let Some(harness) = $harness().await {
                    $crate::$suite::$behaviour(&harness).await;
                }
            }
        )+
    };
}

/// Asserts that a result is an error of this form.
macro_rules! assert_error {
    ($result:expr, $error:pat) => {
        let result = $result;
        assert!(matches!(result, Err($error)), "{}: {result:?}", stringify!($result));
    };
}
