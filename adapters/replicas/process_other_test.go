//go:build !linux

package replicas_test

import "syscall"

// dieWithParent does nothing: no other kernel has the means.
func dieWithParent(*syscall.SysProcAttr) {}
