"""What a test sets and reads beside the API: the journal, the control endpoint and its client."""
