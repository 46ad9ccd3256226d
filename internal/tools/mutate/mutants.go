package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// A mutant is a source file with one change in it, such as a slip of the hand makes.
type mutant struct {
	file         string // its path from the module's root, with slashes
	kind         string // the kind of slip
	line, column int    // where the change is, from 1
	from, to     int    // the bytes that the change takes out
	with         string // what stands there instead
	first, last  int    // the lines of the function around it, 0 outside of functions
}

// An operator is what may be typed instead of another one.
type operator struct {
	kind string
	with string
}

var operators = map[token.Token][]operator{
	token.LSS:      {{"boundary", "<="}, {"negation", ">="}},
	token.LEQ:      {{"boundary", "<"}, {"negation", ">"}},
	token.GTR:      {{"boundary", ">="}, {"negation", "<="}},
	token.GEQ:      {{"boundary", ">"}, {"negation", "<"}},
	token.EQL:      {{"negation", "!="}},
	token.NEQ:      {{"negation", "=="}},
	token.ADD:      {{"arithmetic", "-"}},
	token.SUB:      {{"arithmetic", "+"}},
	token.MUL:      {{"arithmetic", "/"}},
	token.QUO:      {{"arithmetic", "*"}},
	token.REM:      {{"arithmetic", "*"}},
	token.AND:      {{"bitwise", "|"}},
	token.OR:       {{"bitwise", "&"}},
	token.XOR:      {{"bitwise", "&"}},
	token.AND_NOT:  {{"bitwise", "&"}},
	token.SHL:      {{"bitwise", ">>"}},
	token.SHR:      {{"bitwise", "<<"}},
	token.BREAK:    {{"loop", "continue"}},
	token.CONTINUE: {{"loop", "break"}},
}

// words are the identifiers that have an opposite.
var words = map[string]string{"true": "false", "false": "true", "min": "max", "max": "min"}

type finder struct {
	file        string
	src         []byte
	set         *token.FileSet
	first, last int
	conditions  map[ast.Node]bool // those that are left out, and so need no negation
	found       []mutant
}

// find returns the mutants of a file in the order of their places.
func find(file string, src []byte) ([]mutant, error) {
	f := finder{file: file, src: src, set: token.NewFileSet(), conditions: map[ast.Node]bool{}}
	tree, err := parser.ParseFile(f.set, file, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, declared := range tree.Decls {
		f.first, f.last = 0, 0
		if function, ok := declared.(*ast.FuncDecl); ok {
			f.first = f.set.Position(function.Pos()).Line
			f.last = f.set.Position(function.End()).Line
		}
		ast.Inspect(declared, f.visit)
	}
	slices.SortStableFunc(f.found, func(a, b mutant) int { return a.from - b.from })
	return f.found, nil
}

// visit adds the mutants of a node and reports whether those of its children count.
func (f *finder) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		f.binary(n)
	case *ast.UnaryExpr:
		if n.Op == token.NOT || n.Op == token.SUB {
			f.add("sign", n.OpPos, n.X.Pos(), "")
		}
	case *ast.ExprStmt, *ast.DeferStmt, *ast.IncDecStmt:
		f.add("statement", n.Pos(), n.End(), "")
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			f.add("statement", n.Pos(), n.End(), "")
		}
	case *ast.BranchStmt:
		for _, other := range operators[n.Tok] {
			f.add(other.kind, n.Pos(), n.Pos()+token.Pos(len(n.Tok.String())), other.with)
		}
	case *ast.IfStmt:
		f.conditions[n.Cond] = true
		f.add("branch", n.Cond.Pos(), n.Cond.End(), "(false && ("+f.text(n.Cond)+"))")
	case *ast.CaseClause:
		f.clause(n)
	case *ast.ArrayType:
		return n.Len == nil // how much room there is changes what a program costs, not what it does
	case *ast.BasicLit:
		number, err := strconv.ParseUint(n.Value, 0, 63)
		if n.Kind == token.INT && err == nil {
			f.add("number", n.Pos(), n.End(), strconv.FormatUint(number+1, 10))
		}
	case *ast.Ident:
		if opposite, ok := words[n.Name]; ok {
			f.add("word", n.Pos(), n.End(), opposite)
		}
	}
	return true
}

// binary swaps the operator. Of two conditions it leaves out one: what stands there
// instead mentions the names in it, because Go compiles no variable that is not used.
func (f *finder) binary(n *ast.BinaryExpr) {
	switch {
	case n.Op == token.LAND || n.Op == token.LOR:
		for _, operand := range []ast.Expr{n.X, n.Y} {
			f.conditions[operand] = true
			with := "(true || (" + f.text(operand) + "))"
			if n.Op == token.LOR {
				with = "(false && (" + f.text(operand) + "))"
			}
			f.add("operand", operand.Pos(), operand.End(), with)
		}
	case n.Op == token.ADD && strings.ContainsAny(f.text(n), "\"`"): // texts have no minus
	default:
		for _, other := range operators[n.Op] {
			if other.kind != "negation" || !f.conditions[n] {
				f.add(other.kind, n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), other.with)
			}
		}
	}
}

// clause leaves out a case, and each value of one that has several.
func (f *finder) clause(n *ast.CaseClause) {
	f.add("case", n.Pos(), n.End(), "")
	for i, value := range n.List {
		switch {
		case len(n.List) == 1:
		case i == 0:
			f.add("case", value.Pos(), n.List[1].Pos(), "")
		default:
			f.add("case", n.List[i-1].End(), value.End(), "")
		}
	}
}

func (f *finder) add(kind string, from, to token.Pos, with string) {
	at := f.set.Position(from)
	f.found = append(f.found, mutant{
		file: f.file, kind: kind, line: at.Line, column: at.Column,
		from: at.Offset, to: f.set.Position(to).Offset, with: with,
		first: f.first, last: f.last,
	})
}

func (f *finder) text(n ast.Node) string {
	return string(f.src[f.set.Position(n.Pos()).Offset:f.set.Position(n.End()).Offset])
}

// around reports whether the line is in the function with the change.
func (m mutant) around(line int) bool { return m.first <= line && line <= m.last }

// apply returns src with the change in it.
func (m mutant) apply(src []byte) []byte {
	return slices.Concat(src[:m.from], []byte(m.with), src[m.to:])
}

// change returns what m does to the text of src. If it goes over several lines, the first
// one stands for them.
func (m mutant) change(src []byte) change {
	start := bytes.LastIndexByte(src[:m.from], '\n') + 1
	above := strings.TrimSpace(string(src[:start]))
	before, _, long := strings.Cut(string(src[start:m.to]), "\n")
	after := string(src[start:m.from]) + m.with
	if !long {
		rest, _, _ := strings.Cut(string(src[m.to:]), "\n")
		before, after = before+rest, after+rest
	}
	return change{
		file: m.file, kind: m.kind, above: strings.TrimSpace(above[strings.LastIndex(above, "\n")+1:]),
		before: strings.TrimSpace(before), after: strings.TrimSpace(after),
	}
}

// String says where the change is and of what kind.
func (m mutant) String() string {
	return fmt.Sprintf("%s:%d:%d %s", m.file, m.line, m.column, m.kind)
}
