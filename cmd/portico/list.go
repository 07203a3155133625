package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/portico-authz/portico/engine"
	"github.com/portico-authz/portico/schema"
)

func newList(c *common) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what somebody reaches, or who reaches something",
		Example: `  portico list resources account access user:ana@acme.example --partner acme
  portico list subjects account:acme/ledger access
  portico list permissions client:acme/retail user:ana@acme.example
  portico list partners user:ana@acme.example`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newListResources(c), newListSubjects(c), newListPermissions(c), newListPartners(c))
	return cmd
}

func newListResources(c *common) *cobra.Command {
	var partner string
	cmd := c.lister(&cobra.Command{
		Use:     "resources TYPE PERMISSION SUBJECT --partner PARTNER",
		Short:   "List the resources on which somebody has a permission",
		Example: `  portico list resources account access user:ana@acme.example --partner acme`,
		Args:    cobra.ExactArgs(3),
	}, func(ctx context.Context, d door, args []string, p engine.Paging) (engine.ObjectPage, error) {
		subject, err := schema.ParseSubject(args[2])
		if err != nil {
			return engine.ObjectPage{}, usageError("%s", err)
		}
		return d.ListResources(ctx, schema.Domain(partner), args[0], args[1], subject, p, engine.Consistency{})
	})
	cmd.Flags().StringVar(&partner, "partner", "", "the partner's id")
	require(cmd, "partner")
	return cmd
}

func newListSubjects(c *common) *cobra.Command {
	var typ string
	cmd := c.lister(&cobra.Command{
		Use:     "subjects RESOURCE PERMISSION",
		Short:   "List who has a permission on a resource",
		Example: `  portico list subjects account:acme/ledger access`,
		Args:    cobra.ExactArgs(2),
	}, func(ctx context.Context, d door, args []string, p engine.Paging) (engine.ObjectPage, error) {
		resource, err := schema.ParseObject(args[0])
		if err != nil {
			return engine.ObjectPage{}, usageError("%s", err)
		}
		return d.ListSubjects(ctx, resource, args[1], typ, p, engine.Consistency{})
	})
	cmd.Flags().StringVar(&typ, "type", schema.TypeUser, "the subjects' type")
	return cmd
}

func newListPermissions(c *common) *cobra.Command {
	return c.lister(&cobra.Command{
		Use:     "permissions RESOURCE SUBJECT",
		Short:   "List all that somebody may do on a resource",
		Example: `  portico list permissions client:acme/retail user:ana@acme.example`,
		Args:    cobra.ExactArgs(2),
	}, func(ctx context.Context, d door, args []string, _ engine.Paging) (engine.ObjectPage, error) {
		query, err := parseQuery([]string{args[0], "", args[1]})
		if err != nil {
			return engine.ObjectPage{}, err
		}
		list, err := d.ListPermissions(ctx, query.Resource, query.Subject, engine.Consistency{})
		page := engine.ObjectPage{Epoch: list.Epoch, Total: len(list.Permissions)}
		for _, name := range list.Permissions {
			page.Objects = append(page.Objects, schema.Object{ID: name})
		}
		return page, err
	})
}

func newListPartners(c *common) *cobra.Command {
	var permission string
	cmd := c.lister(&cobra.Command{
		Use:     "partners USER",
		Short:   "List the partners at which somebody has a seat",
		Example: `  portico list partners user:ana@acme.example`,
		Args:    cobra.ExactArgs(1),
	}, func(ctx context.Context, d door, args []string, _ engine.Paging) (engine.ObjectPage, error) {
		user, err := schema.ParseObject(args[0])
		if err != nil || user.Type != schema.TypeUser {
			return engine.ObjectPage{}, usageError("%q is not a user, such as user:ana", args[0])
		}
		partners, err := d.ListPartners(ctx, user.ID, permission, engine.Consistency{})
		return engine.ObjectPage{Objects: partners, Total: len(partners)}, err
	})
	cmd.Flags().StringVar(&permission, "permission", "enter", "what they may do on the partner")
	return cmd
}

// listFunc asks for one page.
type listFunc func(ctx context.Context, d door, args []string, p engine.Paging) (engine.ObjectPage, error)

// listView is a list as it is printed.
type listView struct {
	Items []string `json:"items"`
	Total int      `json:"total"`
	More  bool     `json:"more"`
	Epoch int64    `json:"epoch,omitempty"`
}

// lister completes a command that prints a list.
func (c *common) lister(cmd *cobra.Command, page listFunc) *cobra.Command {
	var (
		at    doorFlags
		limit int
	)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		asJSON, err := c.json()
		if err != nil {
			return err
		}
		return c.through(cmd, &at, func(ctx context.Context, d door) error {
			list, err := collect(ctx, d, args, limit, page)
			if err != nil {
				return err
			}
			return printList(newPrinter(cmd.OutOrStdout()), newPrinter(cmd.ErrOrStderr()), list, asJSON)
		})
	}
	cmd.Flags().IntVar(&limit, "limit", 0, "print at most so many (default all)")
	at.add(cmd)
	c.outputFlag(cmd)
	return cmd
}

// collect follows a list page by page until it ends, or limit is reached.
func collect(ctx context.Context, d door, args []string, limit int, next listFunc) (listView, error) {
	list := listView{Items: []string{}}
	for paging := (engine.Paging{Limit: engine.MaxPage}); ; {
		if limit > 0 {
			paging.Limit = min(limit-len(list.Items), engine.MaxPage)
		}
		page, err := next(ctx, d, args, paging)
		if err != nil {
			return list, err
		}
		for _, o := range page.Objects {
			text := o.String()
			if o.Type == "" {
				text = o.ID // a permission
			}
			list.Items = append(list.Items, text)
		}
		list.Total, list.Epoch, list.More = page.Total, page.Epoch, page.Next != ""
		if limit > 0 && len(list.Items) >= limit {
			list.More = list.More || len(list.Items) > limit
			list.Items = slices.Clip(list.Items[:limit])
			return list, nil
		}
		if page.Next == "" {
			return list, nil
		}
		paging.Cursor = page.Next
	}
}

func printList(out, notes *printer, list listView, asJSON bool) error {
	if asJSON {
		out.json(list)
		return out.err
	}
	for _, item := range list.Items {
		out.f("%s\n", item)
	}
	if list.More {
		notes.f("%d of %d; there is more\n", len(list.Items), list.Total)
	}
	return out.err
}
