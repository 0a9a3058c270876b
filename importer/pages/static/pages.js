// The only script of our own; every page works without it.
