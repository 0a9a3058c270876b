"""What Administrate lacks: decided record by record, and created there."""
