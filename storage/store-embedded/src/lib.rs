//! A durable in-process store with FoundationDB's model, on fjall.
