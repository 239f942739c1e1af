"""What runs on the submission's side of the wall: it knows no expected value, and nothing here judges."""
