"""What the pages show and do: each module has its views and actions, which the menu names."""
