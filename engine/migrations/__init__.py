"""What is kept on a disk, in the schemas of older programs and of this one."""
