"""What was handed in: which file it is, what stands in it, and what had to be put right."""
