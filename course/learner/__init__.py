"""Around a person who learns: start page, progress, review, working copies, `tf30 check`, doctor, warm kernels."""
