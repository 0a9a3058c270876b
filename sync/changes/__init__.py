"""Fields of linked events and sessions set in both systems, by a plan: resumable, once each."""
