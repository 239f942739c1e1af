"""The three groups in which `tf30 --help` lists the commands: by who needs them."""

LEARNER = "For learners"
INSTRUCTOR = "For instructors"
AUTHOR = "For authors of lessons"
