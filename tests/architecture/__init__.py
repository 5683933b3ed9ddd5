"""The rules of the house, each with the reason in its message. They read the source; few need Django."""
