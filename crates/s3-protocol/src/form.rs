//! HTML forms (`POST` policy): the fields, then the file.
