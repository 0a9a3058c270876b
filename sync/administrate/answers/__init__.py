"""What an answer proves, and whether its values are of the schema's types."""
