"""Makes what the rooms' tests share (`graders`, `stand_in`) importable from each of them."""
