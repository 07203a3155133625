package loopback

import "syscall"

// dieWithParent has the kernel send the signal when the parent is killed.
func dieWithParent(attr *syscall.SysProcAttr, last syscall.Signal) { attr.Pdeathsig = last }
