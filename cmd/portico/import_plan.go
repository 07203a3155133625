package main

import (
	"slices"
	"strings"
	"time"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

// task is what one row, or a part of one, comes to.
type task struct {
	row row
	// op is nil if all is there already.
	op engine.Operation
}

// importPlan is what an import would do, every row of it looked at.
type importPlan struct {
	partner  string
	portal   *schema.Portal
	dir      *directory
	now      time.Time
	tasks    []task
	problems []rowProblem
	notes    []rowProblem

	have   map[schema.Object]engine.Entry // what is there, archived folders included
	seated map[string]engine.Entry        // by address

	// What will be there, by what rows call it.
	seats    map[string]string // address -> the seat's name
	names    map[string]bool   // names of seats, given or to be
	clients  map[string]bool
	groups   map[string]bool
	accounts map[string]string // name -> folder, "" for an internal one
	fresh    map[grantKey]bool // grants that the import gives
	seen     map[string]int    // a row's key, by file -> its line
}

func newImportPlan(portal *schema.Portal, dir *directory, now time.Time) *importPlan {
	p := &importPlan{
		partner: string(dir.partner), portal: portal, dir: dir, now: now,
		have: map[schema.Object]engine.Entry{}, seated: map[string]engine.Entry{},
		seats: map[string]string{}, names: map[string]bool{}, clients: map[string]bool{}, groups: map[string]bool{},
		accounts: map[string]string{}, fresh: map[grantKey]bool{}, seen: map[string]int{},
	}
	for _, e := range dir.staff {
		p.names[e.Object.Name()] = true
		if e.State != engine.Removed {
			p.seats[e.Email] = e.Object.Name()
			p.seated[e.Email] = e
		}
	}
	for _, e := range slices.Concat(dir.clients, dir.archived, dir.groups, dir.accounts) {
		p.have[e.Object] = e
	}
	for _, e := range dir.clients {
		p.clients[e.Object.Name()] = true
	}
	for _, e := range dir.groups {
		p.groups[e.Object.Name()] = true
	}
	for _, e := range dir.accounts {
		p.accounts[e.Object.Name()] = folderOf(e)
	}
	return p
}

// folderOf returns the name of an account's folder, "" for an internal one.
func folderOf(account engine.Entry) string {
	if account.Parent.Type == "client" {
		return account.Parent.Name()
	}
	return ""
}

// take plans the rows of one file, which come in the order of sheetKinds.
func (p *importPlan) take(s sheet) {
	for _, r := range s.rows {
		switch s.file {
		case "staff.csv":
			p.staff(r)
		case "clients.csv":
			p.client(r)
		case "groups.csv":
			p.group(r)
		case "accounts.csv":
			p.account(r)
		}
	}
	if s.file != "access.csv" {
		return
	}
	// Adding somebody to a folder switches all on, so that comes first.
	for _, switches := range []bool{false, true} {
		for _, r := range s.rows {
			if (r.cells["off"] != "") == switches {
				p.access(r)
			}
		}
	}
}

func (p *importPlan) add(r row, op engine.Operation) {
	if _, ok := p.portal.Operations[op.Name()]; !ok {
		p.wrong(r, "the portal %s has no operation %s, which this takes", p.portal.Name, op.Name())
		return
	}
	p.tasks = append(p.tasks, task{row: r, op: op})
}

func (p *importPlan) there(r row) { p.tasks = append(p.tasks, task{row: r}) }

// internal reports whether an account without a folder is the firm's own.
func (p *importPlan) internal() bool {
	_, ok := p.portal.Operations[(&engine.CreateInternalAccount{}).Name()]
	return ok
}

func (p *importPlan) wrong(r row, format string, args ...any) {
	p.problems = append(p.problems, r.problem(format, args...))
}

func (p *importPlan) note(r row, format string, args ...any) {
	p.notes = append(p.notes, r.problem(format, args...))
}

// once reports whether the row's key wasn't in the file before.
func (p *importPlan) once(r row, key string) bool {
	if line, again := p.seen[r.file+"\x00"+key]; again {
		p.wrong(r, "%s is in line %d already", key, line)
		return false
	}
	p.seen[r.file+"\x00"+key] = r.line
	return true
}

// named reports whether a cell is a good name and new to the file.
func (p *importPlan) named(r row, cell string) bool {
	if err := schema.ValidateName(r.cells[cell]); err != nil {
		p.wrong(r, "%s: %s", cell, err)
		return false
	}
	return p.once(r, r.cells[cell])
}

// compare notes where what is there has another title. It is left as it is.
func (p *importPlan) compare(r row, e engine.Entry) {
	if r.cells["title"] != e.Title {
		p.note(r, "%s is called %q and stays so", e.Object.Name(), e.Title)
	}
	p.there(r)
}

func (p *importPlan) client(r row) {
	name := r.cells["client"]
	if !p.named(r, "client") {
		return
	}
	if e, ok := p.have[p.object("client", name)]; ok {
		if e.State == engine.Archived {
			p.wrong(r, "the folder %s is archived; restore it first: portico do restore_client", name)
			return
		}
		p.compare(r, e)
		return
	}
	p.clients[name] = true
	p.add(r, &engine.CreateClient{Partner: p.partner, Client: name, Title: r.cells["title"]})
}

func (p *importPlan) group(r row) {
	name := r.cells["group"]
	if !p.named(r, "group") {
		return
	}
	if e, ok := p.have[p.object("group", name)]; ok {
		p.compare(r, e)
		return
	}
	p.groups[name] = true
	p.add(r, &engine.CreateGroup{Partner: p.partner, Group: name, Title: r.cells["title"]})
}

func (p *importPlan) account(r row) {
	name, client := r.cells["account"], r.cells["client"]
	if !p.named(r, "account") {
		return
	}
	switch e, there := p.have[p.object("account", name)]; {
	case client != "" && !p.clients[client]:
		p.wrong(r, "there is no folder %q, here or in clients.csv", client)
		return
	case there && folderOf(e) != client:
		p.wrong(r, "the account %s is there already, in the folder %q", name, folderOf(e))
		return
	case there:
		p.compare(r, e)
	case client == "" && !p.internal():
		p.add(r, &engine.CreateAccount{Partner: p.partner, Account: name, Title: r.cells["title"]})
	case client == "":
		p.add(r, &engine.CreateInternalAccount{Partner: p.partner, Account: name, Title: r.cells["title"]})
	default:
		p.add(r, &engine.AddAccount{Partner: p.partner, Client: client, Account: name, Title: r.cells["title"]})
	}
	p.accounts[name] = client
	p.gather(r, name)
}

// gather puts an account into the groups that its row names.
func (p *importPlan) gather(r row, account string) {
	for _, group := range strings.Fields(r.cells["groups"]) {
		key := grantKey{p.object("group", group), p.object("account", account)}
		switch {
		case !p.groups[group]:
			p.wrong(r, "there is no group %q, here or in groups.csv", group)
		case p.accounts[account] == "" && p.internal():
			p.wrong(r, "an internal account can't be in a group")
		case p.dir.groupOf[key]:
			p.there(r)
		default:
			p.add(r, &engine.AddGroupAccount{Partner: p.partner, Group: group, Account: account})
		}
	}
}

func (p *importPlan) object(typ, name string) schema.Object {
	return schema.Obj(typ, schema.Domain(p.partner), name)
}
