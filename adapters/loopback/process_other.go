//go:build !linux

package loopback

import "syscall"

// dieWithParent does nothing: no other kernel has the means.
func dieWithParent(*syscall.SysProcAttr, syscall.Signal) {}
