"""An application that a later release brings: its changes stand for those of that release, and may be killed in the middle."""
