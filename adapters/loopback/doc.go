// Package loopback starts PostgreSQL, Redis and SpiceDB as processes on
// loopback, for tests: the real servers, private, with nothing kept. Tests may
// kill a server and start it again at its address.
//
// A server ends with the test that started it, and, on Linux, with the test's
// process when that is killed. A missing program fails the test and says how
// to install it; nothing is skipped.
package loopback
