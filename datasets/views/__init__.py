"""Pages of data: datasets, files and folders, and the pictures themselves."""
