package main

import (
	"context"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func newExport(c *common) *cobra.Command {
	var (
		partner, as string
		journal     bool
	)
	cmd := &cobra.Command{
		Use:   "export FOLDER",
		Short: "Write a partner's staff, folders, accounts and access to CSV files",
		Long: `Write what a person sees of one partner to the files that import reads, and with
--journal the whole journal as journal.ndjson, a record a line, the oldest first.
Archived folders and removed staff are left out. A cell that a spreadsheet would
take for a formula has an apostrophe before it, which import takes off. Files that are there are not written over.

The partner's owner sees everything; an admin, no internal accounts.`,
		Example: `  portico export ./acme --partner acme --as user:olivia@acme.example --journal`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			actor, err := parseActor(as) // require has seen to it that there is one
			if err != nil {
				return err
			}
			return c.with(cmd, func(ctx context.Context, a *app) error {
				x := &exporter{engine: a.engine, actor: actor, folder: args[0], out: newPrinter(cmd.OutOrStdout())}
				return x.do(ctx, schema.Domain(partner), journal)
			})
		},
	}
	cmd.Flags().StringVar(&partner, "partner", "", "the partner's id")
	cmd.Flags().StringVar(&as, "as", "", "the person who asks, such as user:olivia@acme.example")
	cmd.Flags().BoolVar(&journal, "journal", false, "write the journal too")
	require(cmd, "partner", "as")
	storeFlags(cmd)
	return cmd
}

type exporter struct {
	engine *engine.Engine
	actor  engine.Actor
	folder string
	out    *printer
}

func (x *exporter) do(ctx context.Context, d schema.Domain, journal bool) error {
	dir, err := readDirectory(ctx, x.engine, x.actor, d)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(x.folder, 0o700); err != nil {
		return err
	}
	for _, kind := range sheetKinds {
		rows := dir.rows(kind.file)
		err := x.create(kind.file, func(file *os.File) error {
			w := csv.NewWriter(file)
			if err := w.Write(strings.Split(kind.header(), ",")); err != nil {
				return err
			}
			for _, row := range rows {
				for i := range row {
					row[i] = guard(row[i])
				}
			}
			return w.WriteAll(rows)
		})
		if err != nil {
			return err
		}
		x.out.f("%s: %s\n", filepath.Join(x.folder, kind.file), plural(len(rows), "row"))
	}
	if len(dir.hidden) > 0 {
		x.out.f("left out, since you may not see who is on them: %s\n", plural(len(dir.hidden), "internal account"))
	}
	if len(dir.archived) > 0 {
		x.out.f("left out: %s\n", plural(len(dir.archived), "archived folder"))
	}
	if journal {
		if err := x.journal(ctx, d); err != nil {
			return err
		}
	}
	return x.out.err
}

// create writes a new file, readable by its owner only: it tells who reaches
// what.
func (x *exporter) create(name string, fill func(*os.File) error) error {
	path := filepath.Join(x.folder, name)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return usageError("%s is there already; name another folder", path)
	}
	if err != nil {
		return err
	}
	if err := fill(file); err != nil {
		_ = file.Close() // the first error tells
		return err
	}
	return file.Close()
}

// rows are the directory as the rows of one file, in the columns' order.
func (d *directory) rows(file string) [][]string {
	switch file {
	case "staff.csv":
		return d.staffRows()
	case "clients.csv":
		return titleRows(d.clients)
	case "groups.csv":
		return titleRows(d.groups)
	case "accounts.csv":
		return d.accountRows()
	}
	return d.accessRows()
}

func (d *directory) staffRows() [][]string {
	rows := [][]string{}
	for _, e := range d.staff {
		if e.State != engine.Removed {
			rows = append(rows, []string{e.Email, e.Title, e.Role, e.Object.Name(), string(e.State)})
		}
	}
	return rows
}

func titleRows(entries []engine.Entry) [][]string {
	rows := [][]string{}
	for _, e := range entries {
		rows = append(rows, []string{e.Object.Name(), e.Title})
	}
	return rows
}

func (d *directory) accountRows() [][]string {
	rows := [][]string{}
	for _, a := range d.accounts {
		var groups []string
		for _, g := range d.groups {
			if d.groupOf[grantKey{g.Object, a.Object}] {
				groups = append(groups, g.Object.Name())
			}
		}
		rows = append(rows, []string{a.Object.Name(), a.Title, folderOf(a), strings.Join(groups, " ")})
	}
	return rows
}

// accessRows are grants, then what is switched off, each sorted.
func (d *directory) accessRows() [][]string {
	addresses := map[schema.Object]string{}
	for _, e := range d.staff {
		addresses[e.Object] = e.Email
	}
	var granted, off [][]string
	for k, g := range d.grants {
		expires := ""
		if !g.ExpiresAt.IsZero() {
			expires = g.ExpiresAt.UTC().Format(time.RFC3339)
		}
		line := map[string]string{"staff": addresses[k.who], k.in.Type: k.in.Name(), "expires": expires}
		granted = append(granted, accessRow(line))
	}
	for k := range d.off {
		off = append(off, accessRow(map[string]string{"staff": addresses[k.who], "account": k.in.Name(), "off": "yes"}))
	}
	slices.SortFunc(granted, slices.Compare)
	slices.SortFunc(off, slices.Compare)
	return append(granted, off...)
}

func accessRow(cells map[string]string) []string {
	columns := sheetKinds[len(sheetKinds)-1].columns
	line := make([]string, len(columns))
	for i, c := range columns {
		line[i] = cells[c.name]
	}
	return line
}
