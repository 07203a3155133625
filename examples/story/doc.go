// Package story tells how a portal works, over the HTTP API of a real server,
// and checks every sentence of it. A [Tale] is what one portal's story adds: its
// people, and its chapters with the requests as they are sent. Package story has
// the rest: a server of its own, the requests, and the words around them.
//
// Of Portico it uses nothing but the command and the API, so a program in any
// language could tell the same stories.
package story
