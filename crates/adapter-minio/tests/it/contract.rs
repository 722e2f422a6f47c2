mod object_store {
    storage_hub_port_contract::object_store_contract!(crate::harness::harness);
}

mod principal_store {
    storage_hub_port_contract::principal_store_contract!(crate::harness::harness);
}
