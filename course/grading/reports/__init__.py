"""What people read: the graded notebook, the feedback, the class in numbers, answers that are alike."""
