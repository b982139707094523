//! Circles in a graph of files: its strongly connected components of more than one file (Tarjan 1972).

use std::collections::{BTreeMap, BTreeSet};

type Graph = BTreeMap<String, BTreeSet<String>>;

/// Every group of files that reach each other.
pub fn find(graph: &Graph) -> Vec<Vec<String>> {
    let mut search = Search { graph, seen: BTreeMap::new(), open: Vec::new(), circles: Vec::new() };
    for node in graph.keys() {
        if !search.seen.contains_key(node.as_str()) {
            search.visit(node);
        }
    }
    search.circles
}

struct Search<'a> {
    graph: &'a Graph,
    /// The order in which each file was first met; `None` once its component is closed.
    seen: BTreeMap<&'a str, Option<usize>>,
    open: Vec<&'a str>,
    circles: Vec<Vec<String>>,
}

impl<'a> Search<'a> {
    /// The earliest open file that `node` reaches.
    fn visit(&mut self, node: &'a str) -> usize {
        let (graph, order, depth) = (self.graph, self.seen.len(), self.open.len());
        self.seen.insert(node, Some(order));
        self.open.push(node);
        let mut lowest = order;
        for next in graph.get(node).into_iter().flatten() {
            lowest = lowest.min(match self.seen.get(next.as_str()).copied() {
                None => self.visit(next),
                Some(Some(met)) => met,
                Some(None) => lowest,
            });
        }
        if lowest == order {
            let component = self.open.split_off(depth);
            for member in &component {
                self.seen.insert(member, None);
            }
            if component.len() > 1 {
                self.circles.push(component.into_iter().map(str::to_owned).collect());
            }
        }
        lowest
    }
}

#[test]
fn circles_are_found_and_diamonds_are_none() {
    let circles = |edges: &[(&str, &str)]| {
        let mut graph = Graph::new();
        for (from, to) in edges {
            graph.entry((*from).to_owned()).or_default().insert((*to).to_owned());
        }
        let mut found = find(&graph);
        found.iter_mut().for_each(|circle| circle.sort());
        found
    };
    assert!(circles(&[("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("e", "a")]).is_empty());
    assert_eq!(circles(&[("a", "b"), ("b", "c"), ("c", "b"), ("c", "d")]), [["b", "c"]]);
    assert_eq!(
        circles(&[("d", "e"), ("e", "d"), ("a", "b"), ("b", "c"), ("c", "a")]),
        [vec!["a", "b", "c"], vec!["d", "e"]]
    );
}
