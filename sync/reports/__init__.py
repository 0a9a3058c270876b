"""What a sync did and how things are, in words, as JSON, as metrics and as notifications."""
