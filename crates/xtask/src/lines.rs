//! Counts the lines that an application needs for Rolecall, in the guide of each framework. Other tests run these files with
//! the packages as they are packed.

use crate::shell::at;
use anyhow::{Context, Result, bail};

/// The most lines that an application may need.
const MOST: usize = 10;

/// A framework, the page of its guide, and what the application writes for one task.
struct Guide {
    framework: &'static str,
    page: &'static str,
    task: Task,
    files: &'static [File],
}

/// A file of the application, and the names in it that come from Rolecall.
struct File {
    name: &'static str,
    words: &'static [&'static str],
}

#[derive(Clone, Copy)]
enum Task {
    /// A page with a menu of what the user may do, and a button that only some users see.
    Page,
    /// An endpoint that refuses who may not use it.
    Endpoint,
    /// The page, and the server that gives it the view of each user.
    Both,
}

const fn file(name: &'static str, words: &'static [&'static str]) -> File {
    File { name, words }
}

const GUIDES: [Guide; 13] = [
    Guide {
        framework: "React",
        page: "react",
        task: Task::Page,
        files: &[file("main.jsx", &["RolecallProvider", "view"]), file("app.jsx", &["useMenu", "Can"])],
    },
    Guide {
        framework: "Next",
        page: "next",
        task: Task::Both,
        files: &[
            file("roles.js", &["Engine", "engine", "createRoles", "subject"]),
            file("app/layout.jsx", &["Roles"]),
            file("app/menu.jsx", &["useMenu"]),
        ],
    },
    Guide {
        framework: "Vue",
        page: "vue",
        task: Task::Page,
        files: &[file("main.js", &["createRoles", "roles"]), file("App.vue", &["useCan", "useMenu", "editable"])],
    },
    Guide {
        framework: "Nuxt",
        page: "nuxt",
        task: Task::Both,
        files: &[
            file("nuxt.config.js", &["rolecall"]),
            file("server/api/view.get.js", &["Engine", "engine", "session"]),
            file("app.vue", &["useCan", "useMenu", "editable"]),
        ],
    },
    Guide {
        framework: "Svelte",
        page: "svelte",
        task: Task::Both,
        files: &[
            file("src/hooks.server.js", &["Engine", "engine", "createHandle"]),
            file("src/routes/+layout.server.js", &["roles"]),
            file("src/routes/+layout.svelte", &["setRoles", "roles"]),
        ],
    },
    Guide {
        framework: "Angular",
        page: "angular",
        task: Task::Page,
        files: &[
            file("main.ts", &["provideRoles", "const view"]),
            file("app.ts", &["RolecallCan", "rolecallCan", "Roles", "roles"]),
        ],
    },
    Guide {
        framework: "Express",
        page: "node-frameworks",
        task: Task::Endpoint,
        files: &[file("express.mjs", &["Engine", "engine", "createRoles", "roles"])],
    },
    Guide {
        framework: "Fastify",
        page: "node-frameworks",
        task: Task::Endpoint,
        files: &[file("fastify.mjs", &["Engine", "engine", "createRoles", "roles", "session"])],
    },
    Guide {
        framework: "Hono",
        page: "node-frameworks",
        task: Task::Endpoint,
        files: &[file("hono.mjs", &["Engine", "engine", "createRoles", "roles"])],
    },
    Guide {
        framework: "FastAPI",
        page: "python-frameworks",
        task: Task::Endpoint,
        files: &[file("api.py", &["Engine", "engine", "Roles", "roles", "session"])],
    },
    Guide {
        framework: "Starlette",
        page: "python-frameworks",
        task: Task::Endpoint,
        files: &[file("pages.py", &["Engine", "engine", "Roles", "roles"])],
    },
    Guide {
        framework: "Flask",
        page: "python-frameworks",
        task: Task::Endpoint,
        files: &[file("web.py", &["Engine", "engine", "Roles", "roles", "menu"])],
    },
    Guide {
        framework: "Django",
        page: "django",
        task: Task::Endpoint,
        files: &[
            file("settings.py", &["ROLECALL"]),
            file("roles.py", &["engine", "subject"]),
            file("views.py", &["needs"]),
        ],
    },
];

/// Prints the table. Fails if an application needs more lines than [`MOST`].
pub(crate) fn table(shows: bool) -> Result<()> {
    let print = |line: &str| {
        if shows {
            println!("{line}")
        }
    };
    print("| Framework | Task | Lines |\n|---|---|---|");
    for guide in &GUIDES {
        let lines = own_lines(guide)?;
        let task = match guide.task {
            Task::Page => "menu and button in a page",
            Task::Endpoint => "endpoint that refuses",
            Task::Both => "menu in a page, and its server",
        };
        print(&format!("| {} | {task} | {} |", guide.framework, lines.len()));
        if lines.len() > MOST {
            bail!(
                "{} needs {} lines; at most {MOST} are accepted:\n{}",
                guide.framework,
                lines.len(),
                lines.join("\n")
            );
        }
    }
    Ok(())
}

/// Returns the lines of a guide's files that name something of Rolecall.
fn own_lines(guide: &Guide) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(at("docs/guides").join(format!("{}.md", guide.page)))?;
    let mut found = Vec::new();
    for File { name, words } in guide.files {
        let code = block(&text, name).with_context(|| format!("guide {}: there is no file `{name}`", guide.page))?;
        if let Some(word) = words.iter().find(|word| !code.lines().any(|line| has_word(line, word))) {
            bail!("guide {}: no line of `{name}` has the word `{word}`", guide.page);
        }
        let is_own = |line: &&str| {
            let is_comment = ["//", "#", "/*"].iter().any(|mark| line.trim_start().starts_with(mark));
            !is_comment && (line.contains("rolecall") || words.iter().any(|word| has_word(line, word)))
        };
        found.extend(code.lines().filter(is_own).map(str::to_string));
    }
    Ok(found)
}

/// Returns the code of a file in a page.
pub(crate) fn block(text: &str, name: &str) -> Option<String> {
    let mut lines = text.lines();
    let wanted = format!("file={name}");
    lines.find(|line| line.starts_with("```") && line.split(' ').any(|word| word == wanted))?;
    Some(lines.take_while(|line| !line.starts_with("```")).collect::<Vec<_>>().join("\n"))
}

/// Returns whether a line contains a name as a whole.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    line.match_indices(word).any(|(start, _)| {
        let (before, after) = (line.get(..start), line.get(start + word.len()..));
        !before.is_some_and(|before| before.ends_with(is_part))
            && !after.is_some_and(|after| after.starts_with(is_part))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_name_rolecall_are_counted() {
        let text = "text\n```js file=a.js [a.js]\nimport { Can } from \"@rolecall/react\";\nlet x;\n// Can\n<Can>\n<Canal>\n```\n<Can>";
        let code = block(text, "a.js").unwrap();
        assert_eq!(code.lines().filter(|line| has_word(line, "Can")).count(), 3);
        assert!(block(text, "b.js").is_none() && !has_word("my-can Can_x", "Can") && !has_word("pecan", "can"));
    }

    #[test]
    fn no_framework_needs_many_lines() {
        table(false).unwrap();
    }
}
