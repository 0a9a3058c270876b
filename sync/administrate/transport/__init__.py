"""One HTTP request to Administrate and its whole reply, over the network as it is here."""
