// Package check holds the tests of what deploy/ ships: that the files are what
// the tools which read them take, that they agree with the binary and with each
// other, and that the alerts fire on what they are for. It runs without a
// container engine and without a cluster.
//
// It is a module of its own, so that Kubernetes' and Prometheus's types aren't
// among the product's dependencies.
package check
