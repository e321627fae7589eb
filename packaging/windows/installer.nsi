; The Windows installer: for one user, without an administrator. Compiled by `packaging/build.py nsis`, also on Linux.
;
;   concurrency-explorer-VERSION-windows-x64.exe /S              silently; /D=C:\Some\Folder must come last, unquoted
;   Uninstall.exe /S                                             silently; recordings stay
;
; Exit status of a silent installation: 0 done, 2 the program is running or the system is too old, 3 a file could not be
; written, or one of the version before could not be removed. Upgrading keeps settings and recordings: the version before
; is taken away by its own list of files.
;
; Given by the build: VERSION, VERSION4 (four numbers), PAYLOAD, FILES, ICON, LICENCE, OUTPUT, SIZE_KIB. In the folder
; FILES lie remove.nsh and folders.nsh (what was laid down, file by file, so that nothing else is ever removed from the
; folder that the user chose) and sign.nsh (how the uninstaller is signed; empty where it is not).
; Paths are split at backslashes alone by the compiler on Windows; elsewhere it takes them as well.

Unicode true
ManifestDPIAware true
ManifestSupportedOS Win10
RequestExecutionLevel user
SetCompressor /SOLID lzma
SetCompressorDictSize 64

!include "MUI2.nsh"
!include "LogicLib.nsh"
!include "WinVer.nsh"
!include "x64.nsh"
!include "FileFunc.nsh"

!define TITLE "Concurrency Explorer"
!define NAME "concurrency-explorer"
!define PUBLISHER "Concurrency Explorer authors"
!define RECORDING "ConcurrencyExplorer.Recording"
!define SCENARIO "ConcurrencyExplorer.Scenario"
!define CLASSES "Software\Classes"
!define ARP "Software\Microsoft\Windows\CurrentVersion\Uninstall\ConcurrencyExplorer"
!define PROGRAM "$INSTDIR\${NAME}.exe"
!define CONSOLE "$INSTDIR\${NAME}-cli.exe"

Name "${TITLE}"
OutFile "${OUTPUT}"
InstallDir "$LOCALAPPDATA\Programs\${TITLE}"
InstallDirRegKey HKCU "${ARP}" "InstallLocation"
BrandingText "${TITLE} ${VERSION}"
ShowInstDetails nevershow
ShowUninstDetails nevershow
AllowRootDirInstall false

VIProductVersion "${VERSION4}"
VIFileVersion "${VERSION4}"
VIAddVersionKey "ProductName" "${TITLE}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${TITLE} Setup"
VIAddVersionKey "CompanyName" "${PUBLISHER}"
VIAddVersionKey "LegalCopyright" "MIT License"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "${PROGRAM}"
!define MUI_FINISHPAGE_RUN_TEXT "Start ${TITLE}"
!insertmacro MUI_PAGE_LICENSE "${LICENCE}"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

!include "${FILES}\sign.nsh"

; Ends with a sentence and a status.
!macro Refuse status sentence
  MessageBox MB_OK|MB_ICONSTOP "${sentence}" /SD IDOK
  SetErrorLevel ${status}
  Quit
!macroend

; A program that runs cannot be opened for writing; children of a run are the same program as what started it.
!macro Probe program
  ${If} ${FileExists} "${program}"
    ClearErrors
    FileOpen $0 "${program}" a
    IfErrors running
    FileClose $0
  ${EndIf}
!macroend
!macro WaitUntilClosed un
Function ${un}WaitUntilClosed
  again:
  !insertmacro Probe "${PROGRAM}"
  !insertmacro Probe "${CONSOLE}"
  Return
  running:
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "${TITLE} is running, in a window or in a console. Close it, then press Retry." /SD IDCANCEL IDRETRY again
  SetErrorLevel 2
  Quit
FunctionEnd
!macroend
!insertmacro WaitUntilClosed ""
!insertmacro WaitUntilClosed "un."

Function .onInit
  ${IfNot} ${RunningX64}
    !insertmacro Refuse 2 "${TITLE} needs a 64-bit Windows."
  ${EndIf}
  ; What Qt asks for. Windows 8.1 is build 9600, and Windows 11 begins at 22000.
  ${IfNot} ${AtLeastBuild} 17763
    !insertmacro Refuse 2 "${TITLE} needs Windows 10 version 1809 or newer, or Windows 11. Update Windows, then install again."
  ${EndIf}
FunctionEnd

Section "Program"
  Call WaitUntilClosed
  ; The version before goes by its own list; /UPGRADE keeps the settings. It runs in its own folder and is waited for.
  ReadRegStr $1 HKCU "${ARP}" "InstallLocation"
  ${If} $1 != ""
  ${AndIf} ${FileExists} "$1\Uninstall.exe"
    ClearErrors
    ExecWait '"$1\Uninstall.exe" /S /UPGRADE _?=$1' $2
    ${If} ${Errors}
      StrCpy $2 3
    ${EndIf}
    ${If} $2 <> 0
      !insertmacro Refuse $2 "The version in $1 could not be replaced. Close ${TITLE} and whatever else uses that folder, then install again."
    ${EndIf}
    Delete "$1\Uninstall.exe"
    RMDir "$1"
  ${EndIf}

  SetOutPath "$INSTDIR"
  ClearErrors
  File /r "${PAYLOAD}\*"
  WriteUninstaller "$INSTDIR\Uninstall.exe"
  ${If} ${Errors}
    !insertmacro Refuse 3 "Not all files could be written to $INSTDIR. Make room there or choose another folder, then install again."
  ${EndIf}

  CreateShortcut "$SMPROGRAMS\${TITLE}.lnk" "${PROGRAM}" "" "${PROGRAM}" 0 SW_SHOWNORMAL "" "Shows live how a web server runs many requests at once"

  ; A double-click on a recording opens it here.
  WriteRegStr HKCU "${CLASSES}\.cxrec" "" "${RECORDING}"
  WriteRegStr HKCU "${CLASSES}\.cxrec\OpenWithProgids" "${RECORDING}" ""
  WriteRegStr HKCU "${CLASSES}\${RECORDING}" "" "${TITLE} recording"
  WriteRegStr HKCU "${CLASSES}\${RECORDING}\DefaultIcon" "" "${PROGRAM},0"
  WriteRegStr HKCU "${CLASSES}\${RECORDING}\shell\open\command" "" '"${PROGRAM}" open "%1"'
  ; Windows knows a file by what follows the last dot: a scenario (.scenario.toml) is offered here, and .toml stays with
  ; whatever it was.
  WriteRegStr HKCU "${CLASSES}\.toml\OpenWithProgids" "${SCENARIO}" ""
  WriteRegStr HKCU "${CLASSES}\${SCENARIO}" "" "${TITLE} scenario"
  WriteRegStr HKCU "${CLASSES}\${SCENARIO}\DefaultIcon" "" "${PROGRAM},0"
  WriteRegStr HKCU "${CLASSES}\${SCENARIO}\shell\open\command" "" '"${PROGRAM}" open "%1"'
  ${RefreshShellIcons}

  WriteRegStr HKCU "${ARP}" "DisplayName" "${TITLE}"
  WriteRegStr HKCU "${ARP}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${ARP}" "DisplayIcon" "${PROGRAM},0"
  WriteRegStr HKCU "${ARP}" "Publisher" "${PUBLISHER}"
  WriteRegStr HKCU "${ARP}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${ARP}" "UninstallString" '"$INSTDIR\Uninstall.exe"'
  WriteRegStr HKCU "${ARP}" "QuietUninstallString" '"$INSTDIR\Uninstall.exe" /S'
  WriteRegDWORD HKCU "${ARP}" "EstimatedSize" ${SIZE_KIB}
  WriteRegDWORD HKCU "${ARP}" "NoModify" 1
  WriteRegDWORD HKCU "${ARP}" "NoRepair" 1
SectionEnd

Section "Uninstall"
  Call un.WaitUntilClosed
  ; A file that is not there is no error, one that cannot be removed is. The uninstaller stays then, to be run again.
  ClearErrors
  !include "${FILES}\remove.nsh"
  ${If} ${Errors}
    !insertmacro Refuse 3 "Not all files in $INSTDIR could be removed. Close whatever uses that folder, then try again."
  ${EndIf}
  !include "${FILES}\folders.nsh"
  Delete "$INSTDIR\Uninstall.exe"
  ; Only when it is empty: whatever else lies there is not ours.
  SetOutPath "$TEMP"
  RMDir "$INSTDIR"

  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/UPGRADE" $1
  ${If} ${Errors}
    ; Settings go; recordings, duels and lessons of the user's own stay.
    Delete "$LOCALAPPDATA\${NAME}\*.json"
    RMDir "$LOCALAPPDATA\${NAME}"
    Delete "$SMPROGRAMS\${TITLE}.lnk"
    ReadRegStr $1 HKCU "${CLASSES}\.cxrec" ""
    ${If} $1 == "${RECORDING}"
      DeleteRegValue HKCU "${CLASSES}\.cxrec" ""
    ${EndIf}
    DeleteRegValue HKCU "${CLASSES}\.cxrec\OpenWithProgids" "${RECORDING}"
    DeleteRegKey /ifempty HKCU "${CLASSES}\.cxrec\OpenWithProgids"
    DeleteRegKey /ifempty HKCU "${CLASSES}\.cxrec"
    DeleteRegKey HKCU "${CLASSES}\${RECORDING}"
    DeleteRegValue HKCU "${CLASSES}\.toml\OpenWithProgids" "${SCENARIO}"
    DeleteRegKey /ifempty HKCU "${CLASSES}\.toml\OpenWithProgids"
    DeleteRegKey /ifempty HKCU "${CLASSES}\.toml"
    DeleteRegKey HKCU "${CLASSES}\${SCENARIO}"
    DeleteRegKey HKCU "${ARP}"
    ${RefreshShellIcons}
  ${EndIf}
SectionEnd
