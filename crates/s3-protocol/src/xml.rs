//! XML documents, read strictly and written safely.
