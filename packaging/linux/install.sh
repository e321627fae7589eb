#!/bin/sh
# Install Concurrency Explorer for this user alone, below ~/.local (or PREFIX); no administrator is needed.
#   ./install.sh             install, or replace an older version; settings and recordings stay
#   ./install.sh --remove    take it and its settings away again; recordings stay. The same script lies in the folder
#                            of the installed program, lib/concurrency-explorer
set -eu
name=concurrency-explorer
here=$(cd "$(dirname "$0")" && pwd)
prefix=${PREFIX:-"$HOME/.local"}
refresh() {
    command -v update-desktop-database >/dev/null 2>&1 && update-desktop-database -q "$prefix/share/applications" || true
    command -v update-mime-database >/dev/null 2>&1 && update-mime-database "$prefix/share/mime" >/dev/null 2>&1 || true
    # Only where there is a cache already: without one icons are looked for, with a new one those of others may be missed.
    icons="$prefix/share/icons/hicolor"
    [ ! -f "$icons/icon-theme.cache" ] || gtk-update-icon-cache -q -t -f "$icons" 2>/dev/null || true
}
remove() {
    rm -rf "$prefix/lib/$name"
    rm -f "$prefix/bin/$name" "$prefix/share/applications/$name.desktop" "$prefix/share/mime/packages/$name.xml"
    rm -f "$prefix"/share/metainfo/*ConcurrencyExplorer.metainfo.xml "$prefix"/share/icons/hicolor/*/apps/$name.*
}
case "${1:-}" in
    --remove)
        remove
        refresh
        # Settings are small files at the top; recordings lie in folders.
        data=${XDG_DATA_HOME:-"$HOME/.local/share"}/$name
        rm -f "$data"/*.json "$data"/QtProject.conf
        if rmdir "$data" 2>/dev/null || ! [ -d "$data" ]; then
            echo "Removed from $prefix."
        else
            echo "Removed from $prefix. Your recordings are still in $data."
        fi
        exit 0 ;;
    "") ;;
    *)
        echo "install.sh: '$1' is not known; run it without anything, or with --remove." >&2
        exit 2 ;;
esac
if ! mkdir -p "$prefix/bin" "$prefix/lib" "$prefix/share" 2>/dev/null || ! [ -w "$prefix/lib" ]; then
    echo "install.sh: $prefix cannot be written; set PREFIX to a folder of yours." >&2
    exit 2
fi
# The new one is whole before the old one goes.
rm -rf "$prefix/lib/.$name.new"
cp -R "$here/lib/$name" "$prefix/lib/.$name.new"
remove
mv "$prefix/lib/.$name.new" "$prefix/lib/$name"
cp "$here/install.sh" "$prefix/lib/$name/install.sh"
cp -R "$here/share/." "$prefix/share/"
ln -s "../lib/$name/$name" "$prefix/bin/$name"
# Menus of some desktops do not look into ~/.local/bin.
shown=$(printf '%s' "$prefix/bin/$name" | sed 's/[&|\\]/\\&/g')
sed -i "s|^Exec=$name|Exec=\"$shown\"|; s|^TryExec=.*|TryExec=$shown|" "$prefix/share/applications/$name.desktop"
refresh
echo "Installed in $prefix. Start it from the menu, or by $prefix/bin/$name"
