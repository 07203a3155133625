package replicas_test

import "syscall"

// dieWithParent has the kernel end the process when its parent is killed.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
