"""The store fails at any one write of a command: what is there is what was before or what comes after, and trying again ends well."""
