//! The pages as a browser shows them.

use std::process::Command;

use crate::house::{House, crate_root, get, has_tool, skip, wait_for};

/// Headless Chromium walks from the front page over an edition, a page, an article and a search to the
/// form that builds a feed, with scripts off and on; axe-core finds no barrier, and nothing outside is
/// asked. `NEWSBOY_SHOTS` names a folder for pictures of every page.
#[test]
fn a_browser_walks_through_the_site_without_barriers_and_without_scripts() {
    if !has_tool("node") || !has_tool("chromium") {
        return;
    }
    let tools = crate_root().join("tests/tools");
    if !tools.join("node_modules/axe-core/axe.min.js").is_file() {
        return skip("the node packages are missing (tests/tools/install.sh installs them)");
    }
    let house = House::new("[[feed]]\nname = \"energy\"\ntitle = \"能源\"\nmatch = { any = [\"光伏\", \"储能\"] }\n");
    house.land_sample("2026-11-20");
    house.land_sample("2026-11-21");
    let _daemon = house.start();
    wait_for("both editions", || get(&house.url("/")).filter(|(_, body)| body.contains("11月21日") && body.contains("11月20日")));
    wait_for("the whole edition", || get(&house.url("/editions/paper/2026-11-21")).filter(|(_, body)| body.contains("第04版")));
    let shots = std::env::var_os("NEWSBOY_SHOTS").map_or_else(|| house.path("shots"), std::path::PathBuf::from);
    let walk = Command::new("node").arg(tools.join("walk.mjs")).arg(house.url("")).arg(shots).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&walk.stdout), String::from_utf8_lossy(&walk.stderr));
    assert!(walk.status.success() && said.trim().ends_with("walked"), "{said}");
}
