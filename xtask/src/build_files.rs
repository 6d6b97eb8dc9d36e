//! The Android app has two builds, Maven's for a host and Gradle's for a phone: they must say the same.

use std::collections::BTreeSet;
use std::fs;

use crate::android::{project, property};
use crate::{android_native, apk};

/// The permissions of the app, each with the last Android version that asks for it. A new one is a decision: it is
/// added here, and told to who installs the app.
const PERMISSIONS: [(&str, Option<&str>); 9] = [
    ("ACCESS_FINE_LOCATION", Some("30")), // a scan, up to Android 11
    ("BLUETOOTH", Some("30")),
    ("BLUETOOTH_ADMIN", Some("30")),
    ("BLUETOOTH_CONNECT", None),
    ("BLUETOOTH_SCAN", None), // never for a location
    ("INTERNET", None),
    ("NFC", None),
    ("USE_BIOMETRIC", None),
    ("VIBRATE", None),
];

fn text(file: &str) -> String {
    let path = project().join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What stands behind `name = ` in a file of Gradle, without quotes.
fn said<'a>(file: &'a str, name: &str) -> &'a str {
    let values: Vec<_> = file
        .lines()
        .filter_map(|line| line.trim().strip_prefix(name)?.trim_start().strip_prefix('='))
        .map(|value| value.trim().trim_matches('"'))
        .collect();
    assert_eq!(values.len(), 1, "{name} is said once");
    values[0]
}

/// Attributes of the elements of one name in the manifest.
fn elements<'a>(manifest: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!("<{name}");
    let after = manifest.split(&start).skip(1);
    after
        .filter(|rest| rest.starts_with(char::is_whitespace))
        .filter_map(|rest| rest.split('>').next())
        .collect()
}

fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    Some(element.split_once(&format!("android:{name}=\""))?.1.split_once('"')?.0)
}

#[test]
fn levels_names_and_versions_are_the_same() {
    let (pom, gradle) = (text("pom.xml"), text("app/build.gradle.kts"));
    let pom = |name: &str| property(&pom, name).unwrap_or_else(|| panic!("pom.xml has no {name}")).to_owned();
    for (maven, name) in [
        ("madoguchi.applicationId", "applicationId"),
        ("madoguchi.applicationId", "namespace"),
        ("madoguchi.minSdk", "minSdk"),
        ("madoguchi.targetSdk", "targetSdk"),
        ("madoguchi.targetSdk", "compileSdk"),
        ("madoguchi.versionCode", "versionCode"),
    ] {
        assert_eq!(pom(maven), said(&gradle, name), "{name}");
    }
    assert_eq!(env!("CARGO_PKG_VERSION"), said(&gradle, "versionName"));
    assert_eq!(env!("CARGO_PKG_VERSION"), pom("version"));
    assert_eq!(format!("JavaVersion.VERSION_{}", pom("java.version")), said(&gradle, "targetCompatibility"));
    assert_eq!(format!("JvmTarget.JVM_{}", pom("java.version")), said(&gradle, "jvmTarget"));
    let core = crate::bindings::PHONE.map(|word| format!("\"{word}\"")).join(", ");
    assert!(gradle.contains(&format!("listOf({core}),")), "the core is built alike");
    assert!(
        gradle.contains(&format!("\"--platform\", \"{}\"", pom("madoguchi.minSdk"))),
        "cargo-ndk's level"
    );

    let catalogue = text("gradle/libs.versions.toml");
    let versions = catalogue.split("[libraries]").next().expect("versions come first");
    for name in ["kotlin", "coroutines", "jna"] {
        assert_eq!(pom(&format!("{name}.version")), said(versions, name), "{name}");
    }
}

#[test]
fn what_is_checked_without_an_ndk_is_made_for_the_same_android() {
    let pom = text("pom.xml");
    let least = property(&pom, "madoguchi.minSdk").expect("a least level");
    assert_eq!(apk::MIN_API, least, "R8's level");
    let target = "--target=aarch64-linux-android";
    let built = android_native::BUILD;
    assert!(built.contains(target));
    assert_eq!(
        built.matches(target).count(),
        built.matches(&format!("{target}{least} ")).count(),
        "clang's level, each time"
    );
}

#[test]
fn the_core_lies_on_pages_of_16_kb() {
    let gradle = text("app/build.gradle.kts");
    let flag = "-Wl,-z,max-page-size=16384";
    assert!(gradle.contains(&format!("    environment(\"RUSTFLAGS\", \"-Clink-arg={flag}\")\n")));
    assert!(android_native::BUILD.contains(flag), "the one that is checked is linked alike");
    // A compressed library, or one that is unpacked, lies elsewhere.
    assert_eq!(said(&gradle, "jniLibs.useLegacyPackaging"), "false");
}

#[test]
fn a_release_is_shrunk_by_the_rules_in_the_tree() {
    let gradle = text("app/build.gradle.kts");
    let release =
        gradle.split_once("        release {\n").and_then(|(_, rest)| rest.split_once("\n        }\n"));
    let release = release.expect("a release").0;
    assert_eq!(said(release, "isMinifyEnabled"), "true");
    assert_eq!(said(release, "isShrinkResources"), "true");
    let files = release.lines().find_map(|line| line.trim().strip_prefix("proguardFiles("));
    assert!(files.is_some_and(|files| files.ends_with(", \"proguard-rules.pro\")")), "{files:?}");
    // Without this rule the core's library finds none of its classes.
    assert!(text("app/proguard-rules.pro").lines().any(|line| line.starts_with("-keep")));
}

/// What a module's Gradle file depends on, by its names in the catalogue: `coroutines-core`.
fn dependencies(module: &str) -> Vec<String> {
    let file = text(&format!("{module}/build.gradle.kts"));
    let block = file.split_once("\ndependencies {\n").and_then(|(_, rest)| rest.split_once("\n}"));
    let lines = block.expect("a block of dependencies").0.lines().map(str::trim);
    lines
        .filter(|line| !line.starts_with("//") && !line.contains("project(\":bindings\")"))
        .map(|line| {
            let name = line.split_once("(libs.").unwrap_or_else(|| panic!("not in the catalogue: {line}")).1;
            name.split(')').next().unwrap_or(name).replace('.', "-")
        })
        .collect()
}

#[test]
fn the_app_is_made_of_the_same_libraries() {
    let pom = text("app/pom.xml") + &text("bindings/pom.xml");
    let maven: BTreeSet<String> = pom
        .split("<dependency>")
        .skip(1)
        .filter_map(|rest| rest.split("</dependency>").next())
        .filter(|dependency| {
            !dependency.contains("<scope>test</scope>") && !dependency.contains("android-all")
        })
        .filter_map(|dependency| property(dependency, "artifactId"))
        // Ours, and what Kotlin's plugin for Gradle adds itself.
        .filter(|name| !["bindings", "kotlin-stdlib"].contains(name))
        // The JVM's part of it, which Gradle chooses itself.
        .map(|name| name.strip_suffix("-jvm").unwrap_or(name).to_owned())
        .collect();
    let catalogue = text("gradle/libs.versions.toml");
    let module = |name: &String| {
        let start = format!("{name} = {{ module = \"");
        let module = catalogue.lines().find_map(|line| line.strip_prefix(start.as_str())?.split_once('"'));
        let (_, artifact) = module.and_then(|(module, _)| module.split_once(':')).expect("in the catalogue");
        artifact.to_owned()
    };
    let gradle: BTreeSet<_> = ["bindings", "app"].into_iter().flat_map(dependencies).collect();
    assert_eq!(maven, gradle.iter().map(module).collect());
}

#[test]
fn both_take_the_same_sources() {
    let (pom, gradle) = (text("app/pom.xml"), text("app/build.gradle.kts"));
    // What Gradle takes where nothing else is said.
    assert!(pom.contains("<sourceDir>src/main/kotlin</sourceDir>"));
    assert_eq!(gradle.matches("srcDir").count(), 1, "only the core's libraries are added");
    assert!(gradle.contains("jniLibs.srcDir("));
    assert!(text("bindings/pom.xml").contains("/bindings/kotlin</sourceDir>"));
    assert!(text("bindings/build.gradle.kts").contains("/bindings/kotlin\""));
    let folders: BTreeSet<_> = fs::read_dir(project().join("app/src"))
        .expect("the app's sources")
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(folders, ["main", "test"].map(Into::into).into(), "no sources of one build only");
}

#[test]
fn the_app_asks_for_these_permissions_and_no_more() {
    let manifest = text("app/src/main/AndroidManifest.xml");
    let asked: BTreeSet<_> = elements(&manifest, "uses-permission")
        .into_iter()
        .map(|element| {
            let name = attribute(element, "name").expect("a name");
            (name.trim_start_matches("android.permission."), attribute(element, "maxSdkVersion"))
        })
        .collect();
    assert_eq!(asked, BTreeSet::from(PERMISSIONS));
    let scan = elements(&manifest, "uses-permission").into_iter().find(|element| element.contains("_SCAN"));
    let flags = scan.and_then(|scan| attribute(scan, "usesPermissionFlags"));
    assert_eq!(flags, Some("neverForLocation"));
    assert!(!text("app/build.gradle.kts").contains("manifestPlaceholders"));
}

#[test]
fn nothing_but_the_launcher_is_open_to_other_apps() {
    let manifest = text("app/src/main/AndroidManifest.xml");
    let parts: Vec<_> = ["activity", "activity-alias", "service", "receiver", "provider"]
        .iter()
        .flat_map(|name| elements(&manifest, name))
        .collect();
    let open: Vec<_> = parts.iter().filter(|part| attribute(part, "exported") != Some("false")).collect();
    assert_eq!(open.len(), 1, "{open:?}");
    assert_eq!(attribute(open[0], "name"), Some(".MainActivity"));

    let application = elements(&manifest, "application");
    let application = application.first().expect("an application");
    for (name, value) in [("allowBackup", "false"), ("usesCleartextTraffic", "false")] {
        assert_eq!(attribute(application, name), Some(value), "{name}");
    }
    // Both builds say these themselves.
    assert!(
        !manifest.contains("<uses-sdk")
            && !manifest.contains("package=")
            && !manifest.contains("versionCode")
    );
}
