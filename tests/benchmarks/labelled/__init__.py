"""Records of two sides with the true pairs, and what sets the two of a pair apart."""
