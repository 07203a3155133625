// Package mailer delivers invitations to people: by SMTP, into a folder of text
// files, or onto a writer. Each is an [engine.Mailer].
//
// It queues nothing and tries nothing again: the engine knows what was not
// delivered, and maintenance sends it once more.
//
// Start at [NewSMTP]; letter.go has what people read.
package mailer
