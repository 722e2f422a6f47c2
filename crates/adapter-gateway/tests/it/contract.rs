mod over_minio {
    mod s3_backend {
        storage_hub_port_contract::s3_backend_contract!(crate::harness::minio);
    }

    mod object_store {
        storage_hub_port_contract::object_store_contract!(crate::harness::minio);
    }

    mod store_marker {
        storage_hub_port_contract::store_marker_contract!(crate::harness::minio);
    }
}

mod over_versitygw {
    mod s3_backend {
        storage_hub_port_contract::s3_backend_contract!(crate::harness::versitygw);
    }

    mod object_store {
        storage_hub_port_contract::object_store_contract!(crate::harness::versitygw);
    }

    mod store_marker {
        storage_hub_port_contract::store_marker_contract!(crate::harness::versitygw);
    }
}
