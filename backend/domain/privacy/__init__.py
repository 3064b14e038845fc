"""Which part of a released image hides a face, how strongly, and what is checked afterwards.

``heads`` knows the proportions of heads, ``regions`` the shape of what is masked, ``people`` who is
in an image, ``faces`` the region of each person's head, ``rule`` how it is masked, ``check`` what
must hold of a frame, and ``samples`` which images a person is asked to confirm.
"""
