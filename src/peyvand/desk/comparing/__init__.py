"""Two sets of answers beside each other: which they are, what they come to, in words, pictures and a file. Called by views/comparing.py."""
