"""The warm process: `python .../course/learner/warm N`, where N is the descriptor of its main channel."""

import sys

# Python put this folder first; a kernel finds its modules as if it had been started the plain way.
del sys.path[0]

if __name__ == "__main__":
    from course.learner.warm import server

    server.main(int(sys.argv[1]))
